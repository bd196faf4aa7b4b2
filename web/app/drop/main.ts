// SPDX-License-Identifier: GPL-3.0-or-later
// What the drop's page gains from a script. Without it everything works, too.
const form = document.getElementById("form");
if (form !== null) {
  form.dataset["script"] = "yes";
}
