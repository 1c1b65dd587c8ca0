//! The calls beside the one at hand: parked ones and further ones that ring.

use leptos::prelude::*;
use protocol::wire::command::{Command, Transfer};
use protocol::{Call, CallState, Capability};

use super::button::{CommandButton, answer, hangup, hold};
use super::icon::{HANDSET, JOIN, PLAY};
use super::live::{live, maybe};
use super::person::{avatar, caller};
use crate::i18n::Texts;
use crate::ui::Ui;

/// The part `calls`, while there are any.
pub(crate) fn calls(ui: Ui, t: &'static Texts) -> AnyView {
    let others = ui.store.others;
    live(move || {
        let calls = others.get();
        maybe((!calls.is_empty()).then(|| {
            let rows = calls.iter().map(|call| row(ui, t, call)).collect_view();
            let label = t.counted(calls.len() as u64, t.counts.other_calls);
            view! { <ul part="calls" class="calls" aria-label=label>{rows}</ul> }.into_any()
        }))
    })
}

fn row(ui: Ui, t: &'static Texts, call: &Call) -> AnyView {
    let button = |part, icon, label, name, needs_phone| CommandButton {
        part,
        shape: "row",
        icon,
        label,
        name,
        call: call.id.clone(),
        needs_phone,
    };
    let can = |what| ui.store.can(what);
    let rings = call.state == CallState::Incoming;
    let resume = (call.held && can(Capability::Hold))
        .then(|| button("hold", PLAY, t.resume, "CMD_HOLD", true).view(ui, None, |id| hold(id, false)));
    let partner =
        ui.store.current.with(|it| it.as_ref().filter(|it| it.state == CallState::Talking).map(|it| it.id.clone()));
    let join = partner.filter(|_| call.held && can(Capability::AttendedTransfer)).map(|partner| {
        let join =
            move |id| Command::Transfer(Transfer { call_id: partner.clone(), phone: None, to_call_id: Some(id) });
        button("transfer", JOIN, t.join, "CMD_TRANSFER", true).view(ui, None, join)
    });
    let take = (rings && can(Capability::Answer))
        .then(|| button("answer", HANDSET, t.answer, "CMD_ANSWER", true).view(ui, None, answer));
    let end = (if rings { can(Capability::Reject) } else { can(Capability::Hangup) }).then(|| {
        let (part, label) = if rings { ("reject", t.reject) } else { ("hangup", t.hangup) };
        button(part, HANDSET, label, "CMD_HANGUP", false).view(ui, None, hangup)
    });
    view! {
        <li class="call-row">
            {avatar(call)}
            <div class="who">{caller(call, t)}<span class="tag">{t.call_state(call)}</span></div>
            <div class="actions">{maybe(resume)}{maybe(join)}{maybe(take)}{maybe(end)}</div>
        </li>
    }
    .into_any()
}
