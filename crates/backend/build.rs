//! Builds worker and widget and embeds them, by `crates/bundle`; without the feature `assets`, nothing.

fn main() {
    #[cfg(feature = "assets")]
    bundle::for_build_script();
}
