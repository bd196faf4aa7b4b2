// SPDX-License-Identifier: GPL-3.0-or-later
// What tests run inside of the page. Each function is sent as text: it can use nothing from outside itself.

declare global {
  interface Window {
    /** What tests read back. */
    oilskinTest: {
      canvasReads: string[];
      edits: unknown[];
      shared: { name: string; type: string; data: string }[];
      policyErrors: string[];
    };
  }
}

/** Notes the jobs that the page gives its workers and the policy's refusals; reading a canvas back gives noise or throws. */
export function watchPage(how: "noise" | "throw"): void {
  const seen: Window["oilskinTest"] = { canvasReads: [], edits: [], shared: [], policyErrors: [] };
  Object.defineProperty(window, "oilskinTest", { value: seen });
  document.addEventListener("securitypolicyviolation", (event) => {
    seen.policyErrors.push(`${event.violatedDirective} ${event.blockedURI}`);
  });

  const post = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...words: [unknown, ...unknown[]]) {
    const job = words[0];
    if (job !== null && typeof job === "object") seen.edits.push(job);
    return Reflect.apply(post, this, words) as void;
  };

  const poison = (owner: object, name: string, noise: (...words: number[]) => unknown) => {
    Object.defineProperty(owner, name, {
      value(...words: number[]) {
        seen.canvasReads.push(name);
        if (how === "throw") throw new DOMException("reading back is refused", "SecurityError");
        return noise(...words);
      },
    });
  };
  const rough = (width: number, height: number) => {
    const data = new ImageData(Math.max(1, Math.abs(width)), Math.max(1, Math.abs(height)));
    for (let at = 0; at < data.data.length; at++) data.data[at] = (at * 2654435761) >>> 24;
    return data;
  };
  const blob = () => new Blob([rough(8, 8).data], { type: "image/png" });
  poison(CanvasRenderingContext2D.prototype, "getImageData", (_x, _y, width, height) => rough(width ?? 1, height ?? 1));
  poison(HTMLCanvasElement.prototype, "toDataURL", () => "data:image/png;base64,AAAA");
  Object.defineProperty(HTMLCanvasElement.prototype, "toBlob", {
    value(done: (made: Blob | null) => void) {
      seen.canvasReads.push("toBlob");
      if (how === "throw") throw new DOMException("reading back is refused", "SecurityError");
      setTimeout(() => done(blob()), 0);
    },
  });
  if (typeof OffscreenCanvas !== "undefined") {
    poison(OffscreenCanvas.prototype, "convertToBlob", () => Promise.resolve(blob()));
    poison(OffscreenCanvasRenderingContext2D.prototype, "getImageData", (_x, _y, width, height) => rough(width ?? 1, height ?? 1));
  }
}

/** A share sheet that takes everything, and says what it was given. */
export function shareSheet(): void {
  const text = async (file: File) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let out = "";
    for (const byte of bytes) out += String.fromCharCode(byte);
    return btoa(out);
  };
  Object.defineProperty(navigator, "canShare", { configurable: true, value: () => true });
  Object.defineProperty(navigator, "share", {
    configurable: true,
    value: async (given: ShareData) => {
      if (!navigator.userActivation.isActive) throw new DOMException("no gesture", "NotAllowedError");
      for (const file of given.files ?? []) {
        window.oilskinTest.shared.push({ name: file.name, type: file.type, data: await text(file) });
      }
    },
  });
}

/** What Tor Browser "Safer" and Lockdown Mode do. */
export function withoutWebAssembly(): void {
  Reflect.deleteProperty(globalThis, "WebAssembly");
}

/** What a browser does that keeps the name and takes no module. */
export function refusingWebAssembly(): void {
  const refuse = () => {
    throw new WebAssembly.CompileError("no module is taken");
  };
  for (const name of ["Module", "Instance", "compile", "instantiate"]) Reflect.set(WebAssembly, name, refuse);
}

/** Waits until the page works without a network; gives the scope of its service worker. */
export async function offlineReady(): Promise<string> {
  const { active, scope } = await navigator.serviceWorker.ready;
  const isOver = () => active?.state === "activated";
  if (!isOver()) await new Promise<void>((settle) => active?.addEventListener("statechange", () => isOver() && settle()));
  return scope;
}
