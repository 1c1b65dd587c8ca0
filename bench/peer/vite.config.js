// Two builds, as each served script is one classic file: `--mode widget`, then `--mode worker`.
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

const ENTRIES = {
  widget: { input: 'src/element.js', file: 'sip-phone-widget.js' },
  worker: { input: 'src/worker/main.js', file: 'sip-worker.js' },
};

export default defineConfig(({ mode }) => {
  const { input, file } = ENTRIES[mode];
  return {
    plugins: [vue()],
    // Composition API alone: Vue leaves out what nothing here uses.
    define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false, __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false },
    build: {
      target: 'chrome100',
      modulePreload: { polyfill: false },
      // public/ holds the page.
      copyPublicDir: mode === 'widget',
      emptyOutDir: mode === 'widget',
      rolldownOptions: { input, output: { format: 'iife', entryFileNames: file } },
    },
  };
});
