// SPDX-License-Identifier: GPL-3.0-or-later
// Who works here now, for what only names them: where they can't be asked for there are none.
import { useEffect, useState } from "preact/hooks";
import { getReviewers, type Reviewer } from "../api/people.ts";

export function usePeople(): readonly Reviewer[] {
  const [people, setPeople] = useState<readonly Reviewer[]>([]);
  useEffect(() => {
    void getReviewers().then(({ reviewers }) => setPeople(reviewers), () => undefined);
  }, []);
  return people;
}
