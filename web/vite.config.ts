import { defineConfig } from "vite";

export default defineConfig({
  build: {
    // The policy of the pages permits no inline style, script or font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: true,
  },
});
