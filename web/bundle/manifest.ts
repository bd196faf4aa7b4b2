// SPDX-License-Identifier: GPL-3.0-or-later
// The web app manifest: the home screen's name and icons, and what Android may share to the app.

export const iconSizes = [180, 192, 512];

export const manifest = {
  name: "Oilskin",
  short_name: "Oilskin",
  description: "Take what is hidden out of photos and videos, and cover faces, on this device.",
  id: "/studio/",
  start_url: "/studio/",
  scope: "/studio/",
  display: "standalone",
  background_color: "#0f3d4c",
  theme_color: "#0f3d4c",
  icons: [
    { src: "icon.svg", sizes: "any", type: "image/svg+xml" },
    { src: "icon-192.png", sizes: "192x192", type: "image/png", purpose: "any maskable" },
    { src: "icon-512.png", sizes: "512x512", type: "image/png", purpose: "any maskable" },
  ],
  // Answered by the service worker; it is never sent.
  share_target: {
    action: "/studio/share",
    method: "POST",
    enctype: "multipart/form-data",
    params: { files: [{ name: "files", accept: ["image/*", "video/*"] }] },
  },
};
