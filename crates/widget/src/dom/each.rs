//! A list whose items stay what they are while others come and go.

use protocol::CallId;
use web_sys::Element;

use super::View;
use crate::closures::Gives;
use crate::reactive::{Owner, now_and_then};

/// Puts one item for each of the calls into the list, in their order. An item ends when its call is no more.
pub(crate) fn each(
    list: View,
    calls: impl Fn() -> Vec<CallId> + 'static,
    item: impl Fn(&CallId) -> View + 'static,
) -> View {
    keyed(list, Box::new(calls), Box::new(item))
}

struct Item {
    call: CallId,
    owner: Owner,
    element: Element,
}

fn keyed(list: View, mut calls: Box<dyn Gives<Vec<CallId>>>, make: Box<dyn Fn(&CallId) -> View>) -> View {
    let (into, mut items) = (list.element(), Vec::<Item>::new());
    // Not that of the effect, which ends whenever it runs again.
    let home = Owner::current();
    now_and_then(Box::new(move || {
        let wanted = calls.give();
        items.retain(|item| {
            let stays = wanted.contains(&item.call);
            if !stays {
                item.owner.cleanup();
                item.element.remove();
            }
            stays
        });
        let mut next = into.first_element_child();
        for call in &wanted {
            match items.iter().find(|item| item.call == *call) {
                // Nothing that is in its place is moved: it would lose the focus.
                Some(item) if next.as_ref() == Some(&item.element) => {
                    next = item.element.next_element_sibling();
                }
                Some(item) => drop(into.insert_before(&item.element, next.as_deref())),
                None => {
                    let owner = home.as_ref().map_or_else(Owner::new, Owner::child);
                    let element = owner.with(|| make(call)).0;
                    let _ = into.insert_before(&element, next.as_deref());
                    items.push(Item { call: call.clone(), owner, element });
                }
            }
        }
    }));
    list
}
