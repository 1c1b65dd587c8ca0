//! The calls beside the one at hand: parked ones and further ones that ring.

use protocol::wire::command::{Command, Transfer};
use protocol::{Call, CallId, CallState, Capability};

use super::button::{CommandButton, answer, hangup, hold};
use super::call::end;
use super::icon::{HANDSET, JOIN, PLAY};
use super::person::{avatar, caller, party};
use crate::dom::{View, each, el, live, when};
use crate::i18n::Texts;
use crate::reactive::{Memo, fact};
use crate::ui::Ui;

/// The part `calls`, while there are any.
pub(crate) fn calls(ui: Ui, t: &'static Texts) -> View {
    let others = ui.store.others;
    let label = move || {
        let count = others.with(Vec::len) as u64;
        t.counted(count, t.counts.other_calls)
    };
    when(fact(move || others.with(|calls| !calls.is_empty())), move || {
        let list = el("ul", "calls").part("calls").live_label(label);
        let ids = move || others.with(|calls| calls.iter().map(|call| call.id.clone()).collect());
        each(list, ids, move |id| row(ui, t, id))
    })
}

fn row(ui: Ui, t: &'static Texts, id: &CallId) -> View {
    let of = id.clone();
    let call = Memo::new(move || ui.store.others.with(|calls| calls.iter().find(|call| call.id == of).cloned()));
    let who = party(call);
    let is = move |is: fn(&Call) -> bool| call.with(|call| call.as_ref().is_some_and(is));
    let can = move |what| ui.store.can(what);
    let (of_resume, of_join, of_take, of_reject, of_end) = (id.clone(), id.clone(), id.clone(), id.clone(), id.clone());
    let small = |part, icon, label, name, call| CommandButton {
        part,
        shape: "row",
        icon,
        label,
        name,
        call,
        needs_phone: name != "CMD_HANGUP",
    };
    let rings = |call: &Call| call.state == CallState::Incoming;
    let resumes = fact(move || is(|call| call.held) && can(Capability::Hold));
    let resume =
        move || small("hold", PLAY, t.resume, "CMD_HOLD", of_resume.clone()).view(ui, None, |id| hold(id, false));
    // The call that it could be joined with.
    let partner = Memo::new(move || {
        let joins = is(|call| call.held) && can(Capability::AttendedTransfer);
        let talking = ui.store.current.get().filter(|it| joins && it.state == CallState::Talking);
        talking.map(|call| call.id)
    });
    let join = move || {
        let partner = partner.get()?;
        let join =
            move |id| Command::Transfer(Transfer { call_id: partner.clone(), phone: None, to_call_id: Some(id) });
        Some(small("transfer", JOIN, t.join, "CMD_TRANSFER", of_join.clone()).view(ui, None, join))
    };
    let takes = fact(move || is(rings) && can(Capability::Answer));
    let take = move || small("answer", HANDSET, t.answer, "CMD_ANSWER", of_take.clone()).view(ui, None, answer);
    let rejects = fact(move || is(rings) && can(Capability::Reject));
    let reject = move || small("reject", HANDSET, t.reject, "CMD_HANGUP", of_reject.clone()).view(ui, None, hangup);
    let ends = fact(move || !is(rings) && can(Capability::Hangup));
    let state = move || call.with(|call| call.as_ref().map(|call| t.call_state(call)).unwrap_or_default().to_owned());
    el("li", "call-row")
        .child(live(move || who.get().map(|call| avatar(&call))))
        .child(
            el("div", "who")
                .child(live(move || who.get().map(|call| caller(&call, t))))
                .child(el("span", "tag").live_text(state)),
        )
        .child(
            el("div", "actions")
                .child(when(resumes, resume))
                .child(live(join))
                .child(when(takes, take))
                .child(when(rejects, reject))
                .child(when(ends, move || end(ui, t, "row", of_end.clone()))),
        )
}
