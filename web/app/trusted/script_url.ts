// SPDX-License-Identifier: GPL-3.0-or-later
// The page's only Trusted Types policy. Under `require-trusted-types-for 'script'` the browser loads a worker only from
// an address that went through here, and the CSP allows no second policy of any name.

interface Policy {
  createScriptURL(text: string): unknown;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(text: string): string }): Policy;
}

/** Our own folder of our own origin; a blob:, a data: or another host is refused. */
export function ownAddress(text: string, base: string, folder: string): string {
  const address = new URL(text, base);
  if (address.origin !== new URL(base).origin || !address.pathname.startsWith(folder)) {
    throw new TypeError("a script from elsewhere was refused");
  }
  return address.href;
}

let policy: Policy | undefined;

/**
 * What `new Worker()` and `serviceWorker.register()` take. The type says string, since TypeScript's own declarations
 * of both do; where the browser has Trusted Types it is a TrustedScriptURL.
 */
export function trustedScriptUrl(text: string): string {
  const own = (address: string) => ownAddress(address, location.href, import.meta.env.BASE_URL);
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (factory === undefined) {
    return own(text);
  }
  policy ??= factory.createPolicy("oilskin", { createScriptURL: own });
  return policy.createScriptURL(text) as string;
}
