// SPDX-License-Identifier: GPL-3.0-or-later
// The studio's Content-Security-Policy as a <meta>, for hosts that send no header of ours. http/policy.c sends the same
// with `frame-ancestors`, which a <meta> may not carry; the suite `http` compares the two.

export const studioPolicy = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "media-src blob:",
  "style-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types oilskin",
].join("; ");
