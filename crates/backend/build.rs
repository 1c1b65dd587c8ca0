//! Builds worker and widget and embeds them, by `crates/bundle`.

fn main() {
    bundle::for_build_script();
}
