//! How the operator is told of a call that rings, besides the overlay: sound, a desktop notification, the tab's title. The
//! worker chooses the tab for the first two; each tab reports what its browser lets it do.

mod memory;
mod notices;
mod player;
mod sound;
mod title;
mod tune;

use std::rc::Rc;

use crate::reactive::{Effect, RwSignal, StoredValue};
use protocol::Call;

pub(crate) use memory::Wishes;
pub(crate) use notices::Permission;

use crate::browser::{self, Listener};
use crate::js;
use crate::link::Link;
use crate::ui::Ui;
use player::Player;

/// What the operator wants, and what the browser lets this tab do. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Alerts {
    /// What the operator has set.
    pub(crate) wishes: RwSignal<Wishes>,
    /// The settings are open.
    pub(crate) open: RwSignal<bool>,
    /// Of this page, to show notifications.
    pub(crate) permission: RwSignal<Permission>,
    /// The browser lets this tab play.
    may_play: RwSignal<bool>,
    /// It was asked, and does not.
    refused: RwSignal<bool>,
    /// The ringtone, to be heard in the settings.
    preview: StoredValue<Option<Player>>,
}

impl Alerts {
    /// As it is now.
    pub(crate) fn new() -> Self {
        Self {
            wishes: RwSignal::new(Wishes::load()),
            open: RwSignal::new(false),
            permission: RwSignal::new(Permission::now()),
            may_play: RwSignal::new(sound::was_touched()),
            refused: RwSignal::new(false),
            preview: StoredValue::new(None),
        }
    }

    /// Changes a wish and remembers it, for this tab and for others.
    pub(crate) fn wish(self, change: impl FnOnce(&mut Wishes)) {
        let mut wishes = self.wishes.get_untracked();
        change(&mut wishes);
        self.wishes.set(wishes);
        wishes.save();
    }

    /// No ringtone is wanted.
    pub(crate) fn silent(self) -> bool {
        self.wishes.with(|wishes| wishes.silent)
    }

    /// Notifications are wanted, and allowed.
    pub(crate) fn notifies(self) -> bool {
        self.permission.get() == Permission::Granted && self.wishes.with(|wishes| wishes.notices)
    }

    /// Has the browser ask the operator about notifications; needs a gesture.
    pub(crate) fn ask_permission(self) {
        notices::ask(self);
    }

    /// Lets the operator hear the ringtone once.
    pub(crate) fn preview(self) {
        let volume = self.wishes.with_untracked(|wishes| wishes.volume);
        self.hush();
        self.preview.set_value(Player::start(&tune::RING, volume, false).ok());
    }

    /// Ends the preview.
    pub(crate) fn hush(self) {
        self.preview.set_value(None);
    }

    /// After a gesture: sees whether this tab may play now.
    pub(crate) fn unlock(self) {
        sound::probe(self);
    }
}

/// Opens a way to the loudspeaker and closes it again. Nothing is heard of it; but the first one of a browser takes it 0.1 s, for
/// which all tabs would wait with the first call that rings.
pub(crate) fn warm_up() {
    if let Ok(context) = player::context() {
        player::close(&context);
    }
}

/// The call rings in silence, as the browser lets no tab play, this one neither.
pub(crate) fn is_blocked(ui: Ui) -> bool {
    ui.alerts.refused.get() && sound::is_helpless(ui)
}

/// Does all of it, until the owner's end.
pub(crate) fn run(ui: Ui, link: &Rc<Link>) -> Vec<Listener> {
    let alerts = ui.alerts;
    let link = Rc::clone(link);
    Effect::new(move || link.able(alerts.may_play.get(), alerts.notifies()));
    // Written by another tab.
    let told = Listener::new(&browser::window(), "storage", move |event| {
        let key = js::get(&event, "key");
        if key.is_null() || key.as_string().as_deref() == Some(memory::KEY) {
            alerts.wishes.set(Wishes::load());
        }
    });
    let mut listeners = vec![told];
    listeners.extend(sound::run(ui));
    listeners.extend(notices::run(ui));
    listeners.push(title::run(ui));
    listeners
}

/// All calls that ring, while it is certain that they do.
fn ringing(ui: Ui) -> Vec<Call> {
    if !ui.store.connected() {
        return Vec::new();
    }
    let others = ui.store.others.get().into_iter().filter(|call| call.state == protocol::CallState::Incoming);
    ui.store.ringing.get().into_iter().chain(others).collect()
}
