//! What makes a [`View`] one of Leptos' own, to be mounted by it: the one element around all others.

use leptos::tachys::view::{Mountable, Render};
use web_sys::{Element, Node};

use super::View;

/// The element, in the tree.
pub(crate) struct Mounted(Element);

impl Render for View {
    type State = Mounted;

    fn build(self) -> Mounted {
        Mounted(self.0)
    }

    fn rebuild(self, state: &mut Mounted) {
        let _ = state.0.replace_with_with_node_1(&self.0);
        state.0 = self.0;
    }
}

impl Mountable for Mounted {
    fn unmount(&mut self) {
        self.0.remove();
    }

    fn mount(&mut self, parent: &Element, before: Option<&Node>) {
        let _ = parent.insert_before(&self.0, before);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        let parent = self.0.parent_element();
        parent.iter().for_each(|parent| child.mount(parent, Some(&self.0)));
        parent.is_some()
    }

    fn elements(&self) -> Vec<Element> {
        vec![self.0.clone()]
    }
}
