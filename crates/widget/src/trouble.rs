//! Why a page has no line to the worker.

/// Why there is no line, for the operator; each has its own words and, where the operator can do something, a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The backend does not answer.
    Unreachable,
    /// It answers, and does not serve pages of this origin.
    NotAllowed,
    /// The page's own Content-Security-Policy forbids the frame.
    Policy,
    /// The browser will ask the operator whether this page may reach programs on this computer, once a button is pressed.
    Asks,
    /// The operator, or an administrator, has said no to that.
    Denied,
    /// The page is of another build than the worker, and they don't understand each other: a reload mends it.
    Outdated,
    /// The backend wants its token, and this browser has not shown it.
    Locked,
    /// The page has a public address and no TLS: the browser lets no such page reach this computer, and asks nobody.
    Insecure,
}

impl Trouble {
    /// Only somebody's settings can change it, so trying again and again is of little use.
    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Self::NotAllowed | Self::Policy | Self::Outdated | Self::Locked)
    }

    /// What it says in the console, for the developer of the page and the administrator.
    /// `pages` are the origins of the page and of those that it is a frame of.
    pub(crate) fn explanation(self, base: &str, pages: &[String]) -> String {
        let page = pages.first().map(String::as_str).unwrap_or_default();
        let options = pages.iter().map(|page| ["--allow-origin ", page].concat()).collect::<Vec<_>>().join(" ");
        match self {
            Self::Unreachable => {
                format!("SIP phone: {base} does not answer. Is the backend running there? Trying again.")
            }
            Self::NotAllowed => format!(
                "SIP phone: pages of {page} may not use the phone at {base}. Start the backend with {options} \
                 (or name them in allow-origin in sip-phone.toml); of a page in a frame, the pages around it count as well."
            ),
            Self::Policy => format!(
                "SIP phone: the Content-Security-Policy of this page forbids the phone's frame. Add to it: frame-src {base}"
            ),
            Self::Asks => format!(
                "SIP phone: Chrome asks the operator whether {page} may reach programs on this computer; the widget has a \
                 button for it. Administrators can allow it by the policy LocalNetworkAccessAllowedForUrls."
            ),
            Self::Locked => format!(
                "SIP phone: {base} wants its token. Open {base}/?token=… once in this browser. Pages of another site can't \
                 have a phone with a token: browsers don't send it along."
            ),
            Self::Outdated => {
                format!("SIP phone: the phone at {base} was updated; {page} has to be loaded again to use it.")
            }
            Self::Insecure => format!(
                "SIP phone: {page} has a public address and is not served over https; the browser lets no such page reach \
                 {base}. Serve it over https. (If the address is a private one: is the backend running?)"
            ),
            Self::Denied => format!(
                "SIP phone: this browser does not let {page} reach {base}: local network access is blocked in the site's \
                 settings or by a policy (LocalNetworkAccessAllowedForUrls)."
            ),
        }
    }
}
