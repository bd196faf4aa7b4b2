// SPDX-License-Identifier: GPL-3.0-or-later
// Who works here. Admins invite, change roles, help who lost something, and remove.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";
import { type Change, changeReviewers, getReviewers, type OpenLink, type Reviewer, type Reviewers as People } from "../api/people.ts";
import type { Role } from "../api/types.ts";
import { faultText } from "../fault_text.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Fault } from "../parts/Fault.tsx";
import { Wrapping } from "../parts/Wrapping.tsx";
import { say, sayDay, words } from "../speech.ts";
import { end, me } from "../state/session.ts";

const roles: readonly Role[] = ["reviewer", "publisher", "admin"];

interface Doing {
  readonly people: People;
  change(change: Change): void;
}

function RoleSelect({ label, value, onValue }: { label: string; value: Role; onValue(role: Role): void }) {
  const names = words().roles;
  return (
    <select aria-label={label} value={value} onChange={(event) => onValue(roles.find((role) => role === event.currentTarget.value) ?? value)}>
      {roles.map((role) => (
        <option key={role} value={role}>
          {names[role]}
        </option>
      ))}
    </select>
  );
}

/** Chosen first and changed by the button: arrows go through what a closed list holds, and each would be a role. */
function RoleChange({ who, change }: { who: Reviewer; change: Doing["change"] }) {
  const { reviewers, app } = words();
  const [role, setRole] = useState(who.role);
  const [asking, setAsking] = useState(false);
  const isOwn = who.id === me.value?.id;
  const named = (text: string) => say(text, { name: who.name });
  const go = () => {
    setAsking(false);
    change({ do: "role", reviewer: who.id, role });
  };
  return (
    <>
      <RoleSelect label={named(reviewers.roleOf)} value={role} onValue={setRole} />
      <button type="button" class="button" aria-label={named(reviewers.changeRoleOf)} disabled={role === who.role} onClick={isOwn ? () => setAsking(true) : go}>
        {reviewers.changeRole}
      </button>
      {asking && (
        <Dialog heading={reviewers.ownRoleHeading} onClose={() => setAsking(false)}>
          <p>{reviewers.ownRoleLead}</p>
          <div class="choices">
            <button type="button" class="button" onClick={() => setAsking(false)}>
              {app.cancel}
            </button>
            <button type="button" class="button first" onClick={go}>
              {reviewers.changeRole}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}

/** Asked before, since it can't be taken back. */
function Removal({ who, onClose, change }: { who: Reviewer; onClose(): void; change: Doing["change"] }) {
  const { reviewers, app } = words();
  return (
    <Dialog heading={say(reviewers.removeHeading, { name: who.name })} onClose={onClose}>
      <p>{reviewers.removeLead}</p>
      <p class="note">{reviewers.cantRecall}</p>
      <div class="choices">
        <button type="button" class="button" onClick={onClose}>
          {app.cancel}
        </button>
        <button
          type="button"
          class="button first"
          onClick={() => {
            onClose();
            change({ do: "remove", reviewer: who.id });
          }}
        >
          {say(reviewers.removeGo, { name: who.name })}
        </button>
      </div>
    </Dialog>
  );
}

function Person({ who, change }: { who: Reviewer; change: Doing["change"] }) {
  const { reviewers, roles: names } = words();
  const [removing, setRemoving] = useState(false);
  const isAdmin = me.value?.role === "admin";
  const named = (text: string) => say(text, { name: who.name });
  return (
    <li class="person">
      <div class="person-head">
        <strong>{who.name}</strong>
        {who.id === me.value?.id && <span class="quiet">{reviewers.you}</span>}
        <span class="quiet">{who.totp ? reviewers.hasTotp : reviewers.noTotp}</span>
      </div>
      <p class="mono digest quiet" dir="ltr">
        {who.recipient}
      </p>
      {!isAdmin && <p>{names[who.role]}</p>}
      {isAdmin && (
        <div class="person-acts">
          <RoleChange who={who} change={change} />
          <button type="button" class="plain" aria-label={named(reviewers.resetPassphraseOf)} onClick={() => change({ do: "reset-passphrase", reviewer: who.id })}>
            {reviewers.resetPassphrase}
          </button>
          {who.totp && (
            <button type="button" class="plain" aria-label={named(reviewers.resetTotpOf)} onClick={() => change({ do: "reset-totp", reviewer: who.id })}>
              {reviewers.resetTotp}
            </button>
          )}
          <button type="button" class="plain" aria-label={named(reviewers.removeGo)} onClick={() => setRemoving(true)}>
            {reviewers.remove}
          </button>
        </div>
      )}
      {removing && <Removal who={who} onClose={() => setRemoving(false)} change={change} />}
    </li>
  );
}

/** The link that was just made: told once, and nowhere else. */
function NewLink({ link, kind }: { link: string; kind: "invite" | "reset" }) {
  const { reviewers } = words();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    /* It may stand far from the button that made it. */
    field.current?.focus();
  }, [link]);
  const address = `${location.origin}/desk/#${kind === "invite" ? "join" : "reset"}=${link}`;
  return (
    <div class="note steps">
      <label for={id}>{kind === "invite" ? reviewers.inviteLink : reviewers.resetLink}</label>
      <input ref={field} id={id} class="link-text mono" dir="ltr" readOnly aria-describedby={`${id}-hint`} value={address} onFocus={(event) => event.currentTarget.select()} />
      <p id={`${id}-hint`} class="hint">
        {reviewers.linkHint}
      </p>
    </div>
  );
}

function Invitation({ people, change }: Doing) {
  const { reviewers, roles: names } = words();
  const [role, setRole] = useState<Role>("reviewer");
  const nameOf = (link: OpenLink) =>
    link.kind === "reset"
      ? say(reviewers.resetFor, { name: people.reviewers.find(({ id }) => id === link.reviewer)?.name ?? "" })
      : say(reviewers.inviteFor, { role: names[link.role ?? "reviewer"] });
  return (
    <section class="part">
      <h2>{reviewers.invite}</h2>
      <p>{reviewers.inviteLead}</p>
      <div class="person-acts">
        <RoleSelect label={reviewers.role} value={role} onValue={setRole} />
        <button type="button" class="button" onClick={() => change({ do: "invite", role })}>
          {reviewers.inviteGo}
        </button>
      </div>
      {people.link !== undefined && people.kind !== undefined && <NewLink link={people.link} kind={people.kind} />}
      {people.links.length > 0 && (
        <ul class="links" aria-label={reviewers.openLinks}>
          {people.links.map((link) => (
            <li key={link.id} class="person-acts">
              <span>{nameOf(link)}</span>
              <span class="quiet">{say(reviewers.until, { day: sayDay(link.until) })}</span>
              <button type="button" class="plain" onClick={() => change({ do: "end-link", link: link.id })}>
                {reviewers.endLink}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** The server ends the sessions of whose role has changed. */
function isOut(reviewers: readonly Reviewer[]): boolean {
  const now = reviewers.find(({ id }) => id === me.value?.id);
  return now !== undefined && now.role !== me.value?.role;
}

export function Reviewers() {
  const { reviewers, roles: names } = words();
  const may: Readonly<Record<Role, string>> = { reviewer: names.reviewerMay, publisher: names.publisherMay, admin: names.adminMay };
  const [people, setPeople] = useState<People | null>(null);
  const [fault, setFault] = useState<unknown>(null);
  const take = async (asking: Promise<People>) => {
    setFault(null);
    try {
      const found = await asking;
      setPeople(found);
      if (isOut(found.reviewers)) {
        end(false);
      }
    } catch (cause) {
      setFault(cause);
    }
  };
  useEffect(() => {
    void take(getReviewers());
  }, []);
  const change = (wanted: Change) => void take(changeReviewers(wanted));
  const lastAdmin = fault instanceof Refusal && fault.status === 409;
  return (
    <div class="page">
      <h1 tabIndex={-1}>{reviewers.heading}</h1>
      <p class="quiet">{reviewers.lead}</p>
      <dl class="may">
        {roles.map((role) => (
          <div key={role}>
            <dt>{names[role]}</dt>
            <dd>{may[role]}</dd>
          </div>
        ))}
      </dl>
      {fault !== null && people === null && <Fault cause={fault} onAgain={() => void take(getReviewers())} />}
      {fault !== null && people !== null && (
        <p role="alert" class="fault">
          {lastAdmin ? reviewers.lastAdmin : faultText(fault)}
        </p>
      )}
      {people?.stays_reader === true && (
        <p role="alert" class="note">
          {reviewers.staysReader}
        </p>
      )}
      <ul class="people" aria-label={reviewers.heading}>
        {people?.reviewers.map((who) => (
          <Person key={`${who.id}/${who.role}`} who={who} change={change} />
        ))}
      </ul>
      {people !== null && me.value?.role === "admin" && <Invitation people={people} change={change} />}
      {me.value?.role === "admin" && <Wrapping />}
    </div>
  );
}
