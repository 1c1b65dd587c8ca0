//! Sorting of the few, and nearly sorted.

/// Sorts by insertion, stably. The standard library's sorts are made for many: in the wasm each would weigh more than the rules that
/// want something sorted.
pub(crate) fn sort_by_rank<T>(items: &mut [T], rank: fn(&T) -> u8) {
    for end in 1..items.len() {
        let mut place = end;
        while let Some([before, it]) = place.checked_sub(1).and_then(|first| items.get_mut(first..=place))
            && rank(before) > rank(it)
        {
            std::mem::swap(before, it);
            place -= 1;
        }
    }
}
