//! Notices that the operator uses this tab, and tells the worker, so that one tab of all is the one used last; and that the
//! browser is online again.

use std::rc::Rc;

use protocol::ConnectionStatus;

use crate::browser::{self, Listener};
use crate::link::Link;
use crate::ui::Ui;

/// Signs of an operator at work. Looking alone counts: whoever turns to a tab means it.
const OF_WINDOW: [&str; 3] = ["focus", "pointerdown", "keydown"];

/// Watches until dropped.
pub(crate) fn watch(ui: Ui, link: &Rc<Link>) -> Vec<Listener> {
    let window = browser::window();
    let mut listeners: Vec<_> =
        OF_WINDOW.iter().map(|name| Listener::capturing(&window, name, notice(ui, link))).collect();
    let mut seen = notice(ui, link);
    let shown = move |event| {
        if browser::visible() {
            seen(event);
        }
    };
    listeners.push(Listener::new(&browser::document(), "visibilitychange", shown));
    let link = Rc::clone(link);
    listeners.push(Listener::new(&window, "online", move |_| link.online()));
    listeners
}

fn notice(ui: Ui, link: &Rc<Link>) -> impl FnMut(web_sys::Event) + 'static {
    let link = Rc::clone(link);
    move |event| {
        // A script's click is nobody's; and only the window's own focus is: the others move within the page, by scripts too.
        let of_element = event.type_() == "focus" && event.target() != Some(browser::window().into());
        if of_element || !event.is_trusted() {
            return;
        }
        // Who is primary already has nothing new to say; but that somebody waits for the connection is news.
        let other = ui.role.try_with_untracked(|role| !role.primary) == Some(true);
        link.used(other || ui.store.connection.try_get_untracked() != Some(ConnectionStatus::Connected));
    }
}
