// SPDX-License-Identifier: GPL-3.0-or-later
import { render } from "preact";

const root = document.getElementById("studio");
if (root !== null) {
  render(<h1>Oilskin</h1>, root);
}
