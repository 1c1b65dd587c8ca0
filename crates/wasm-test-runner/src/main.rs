//! What cargo starts to run a wasm32 test: wasm-bindgen's own runner as a library, so that no tool need be installed and its version is
//! always the lock file's. A crate of its own, as it takes long to build and only `cargo xtask test` needs it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
