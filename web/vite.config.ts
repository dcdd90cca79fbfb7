import { defineConfig } from "vite";

export default defineConfig({
  build: {
    // The policy of the pages permits no inline style, script or font.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: "index.html", push_worker: "src/push/push_worker.ts" },
      output: {
        // The address of a service worker stays the same, and its folder is its scope.
        entryFileNames: ({ name }) => (name === "push_worker" ? "[name].js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
