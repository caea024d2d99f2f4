//! The page of a Checkout Session as a value, for its template (stripe-js 1.1).
//!
//! May use: askama, the styles and scripts. Invariant: nothing is computed on the page; every value is escaped.

use askama::Template;

use super::methods::MethodChoice;
use super::view::PageRefusal;
use crate::pages::texts::Texts;

/// The page of an open session.
#[derive(Debug, Template)]
#[template(path = "checkout.html")]
pub(super) struct CheckoutPage {
    /// The language.
    pub(super) texts: Texts,
    /// What the one thing is that is bought; empty if there are several.
    pub(super) description: String,
    /// What of an address changes with the country, for the script; empty if no whole address is asked for.
    pub(super) places: String,
    /// The states of countries that have a list of them.
    pub(super) area_lists: Vec<(&'static str, Vec<InputOption>)>,
    /// The translations for the script; empty for English.
    pub(super) scripted: String,
    /// Who sells.
    pub(super) business: String,
    /// What the page is about: the one thing that is bought, or from whom.
    pub(super) heading: String,
    /// The amount to pay as text; empty for none.
    pub(super) total: String,
    /// The same in the currency's smallest unit.
    pub(super) expected: i64,
    /// What is bought.
    pub(super) lines: Vec<SummaryLine>,
    /// What may be bought besides.
    pub(super) options: Vec<SummaryOption>,
    /// From the subtotal to the total; none if there is nothing between them.
    pub(super) sums: Vec<(&'static str, String)>,
    /// Whether a promotion code may be entered.
    pub(super) takes_code: bool,
    /// The promotion code that was entered; empty for none.
    pub(super) code: String,
    /// What is wrong with it; empty for nothing.
    pub(super) code_error: String,
    /// The amount that the customer chooses.
    pub(super) amount: Option<PageInput>,
    /// The e-mail address that cannot be changed here; empty for none.
    pub(super) known_email: String,
    /// How the customer is reached.
    pub(super) contact: Vec<PageInput>,
    /// Where it is sent to.
    pub(super) shipping: Vec<PageInput>,
    /// Where it is sent to, where the shop says it; empty where the customer does.
    pub(super) shipped_to: String,
    /// Whether the page asks the shop's page around it if an address will do.
    pub(super) asks_shop: bool,
    /// The ways of sending, the chosen one first.
    pub(super) shipping_rates: Vec<InputOption>,
    /// What can pay.
    pub(super) methods: Vec<MethodChoice>,
    /// Whether the page has the box of Link, which here keeps nothing.
    pub(super) offers_link: bool,
    /// The box of who wants the payment method to be saved.
    pub(super) saves: Option<PageInput>,
    /// What the customer agrees to by paying with it; empty for nothing.
    pub(super) reuse: String,
    /// Whether anything has to pay.
    pub(super) shows_methods: bool,
    /// The billing address, where all of it is asked for.
    pub(super) billing: Vec<PageInput>,
    /// Whether it may be that of the shipping.
    pub(super) same_address: bool,
    /// Whether it is.
    pub(super) uses_same_address: bool,
    /// Names, the tax id and the merchant's own fields.
    pub(super) more: Vec<PageInput>,
    /// What the customer agrees to.
    pub(super) boxes: Vec<PageInput>,
    /// The merchant's texts beside the shipping address and above the button.
    pub(super) own_texts: [String; 2],
    /// Why the last attempt failed; empty before the first, and where it stands beside an input.
    pub(super) refusal: String,
    /// The label of the button.
    pub(super) button: &'static str,
    /// Whether it leads to the amounts first, not to the payment.
    pub(super) is_step: bool,
    /// Where the customer goes without paying; empty for nowhere.
    pub(super) cancel_url: String,
    /// The style of the merchant's colours; empty for none.
    pub(super) brand: String,
}

/// A session that is complete or expired, in the language of its customer.
#[derive(Debug, Template)]
#[template(path = "checkout-notice.html")]
pub(super) struct CheckoutNotice {
    /// The language, for the page's `lang`.
    pub(super) language: &'static str,
    /// What has happened.
    pub(super) heading: &'static str,
    /// What it means.
    pub(super) text: String,
    /// Where the customer goes on: address and text of the link; empty for nowhere.
    pub(super) onward: (String, String),
}

/// One thing that is bought.
#[derive(Debug)]
pub(super) struct SummaryLine {
    pub(super) name: String,
    pub(super) quantity: i64,
    /// Its amount as text.
    pub(super) amount: String,
    /// Where the customer changes the quantity.
    pub(super) input: Option<PageInput>,
    /// The price of an optional item, which can be taken off; empty for another line.
    pub(super) optional: String,
}

/// Something that may be bought besides.
#[derive(Debug)]
pub(super) struct SummaryOption {
    /// The id of its price.
    pub(super) price: String,
    pub(super) name: String,
    /// What it costs as text.
    pub(super) amount: String,
    /// How many are added at first.
    pub(super) quantity: i64,
}

/// A value and its label.
#[derive(Debug, Default)]
pub(in crate::pages) struct InputOption {
    pub(in crate::pages) value: String,
    pub(in crate::pages) label: String,
    /// Whether it is chosen, of what has a button for each value.
    pub(in crate::pages) is_chosen: bool,
}

/// An input with its label and what is wrong with it.
#[derive(Debug, Default)]
pub(in crate::pages) struct PageInput {
    /// Its name and id.
    pub(in crate::pages) name: String,
    pub(in crate::pages) label: String,
    /// `text`, `email`, `tel`, `number`, `checkbox` or `select`.
    pub(in crate::pages) kind: &'static str,
    pub(in crate::pages) value: String,
    pub(in crate::pages) placeholder: &'static str,
    pub(in crate::pages) autocomplete: &'static str,
    pub(in crate::pages) inputmode: &'static str,
    /// What is wrong with it; empty for nothing.
    pub(in crate::pages) error: String,
    pub(in crate::pages) is_required: bool,
    /// Whether it is not shown for now.
    pub(in crate::pages) is_hidden: bool,
    pub(in crate::pages) is_ticked: bool,
    /// The least and the largest number; empty for no bound.
    pub(in crate::pages) least: String,
    pub(in crate::pages) most: String,
    /// The largest number of characters; empty for no bound.
    pub(in crate::pages) longest: String,
    /// What a `select` lets choose.
    pub(in crate::pages) options: Vec<InputOption>,
}

impl InputOption {
    pub(in crate::pages) fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        InputOption { value: value.into(), label: label.into(), is_chosen: false }
    }
}

impl PageInput {
    /// Whether it is missing.
    pub(super) fn is_missing(&self) -> bool {
        let is_empty = if self.kind == "checkbox" { !self.is_ticked } else { self.value.trim().is_empty() };
        self.is_required && !self.is_hidden && is_empty
    }
}

impl CheckoutPage {
    /// Every input that is to be filled in with the chosen payment method.
    fn inputs(&mut self) -> impl Iterator<Item = &mut PageInput> {
        let is_same = self.same_address && self.uses_same_address;
        let billing = if is_same { &mut [][..] } else { &mut self.billing[..] };
        let chosen = self.methods.iter_mut().filter(|method| method.is_chosen).flat_map(|method| &mut method.inputs);
        let chosen =
            chosen.filter(move |input| !is_same || !["billingCountry", "billingPostalCode"].contains(&&*input.name));
        let lines = self.lines.iter_mut().filter_map(|line| line.input.as_mut());
        let first = lines.chain(&mut self.amount).chain(&mut self.contact).chain(&mut self.shipping);
        first.chain(chosen).chain(&mut self.saves).chain(billing).chain(&mut self.more).chain(&mut self.boxes)
    }

    /// Whether the page has buttons that pay nothing: then the first one, which Enter presses, is that of the payment.
    fn has_other_buttons(&self) -> bool {
        self.takes_code
            || !self.options.is_empty()
            || self.lines.iter().any(|line| !line.optional.is_empty())
            || self.methods.iter().any(|method| method.is_removable)
    }

    /// Says beside the button what is wrong with something that has no input here.
    pub(super) fn settle(mut self, refusal: &PageRefusal) -> Self {
        let is_shown = match refusal.input.as_deref() {
            Some("promotionCode") => self.takes_code,
            Some(name) => self.inputs().any(|input| input.name == name),
            None => true,
        };
        if !is_shown {
            self.texts.say(&refusal.message).clone_into(&mut self.refusal);
        }
        self
    }

    /// Says at each input that is missing that it is; whether there is any.
    pub(super) fn mark_missing(&mut self) -> bool {
        let mut is_incomplete = false;
        let required = self.texts.say("Required");
        for input in self.inputs().filter(|input| input.is_missing()) {
            required.clone_into(&mut input.error);
            is_incomplete = true;
        }
        is_incomplete
    }

    /// What is wrong, by the names of the inputs.
    pub(super) fn errors(&mut self) -> Vec<(String, String)> {
        let code = Some(("promotionCode".to_owned(), self.code_error.clone())).filter(|(_, error)| !error.is_empty());
        let wrong = self.inputs().filter(|input| !input.error.is_empty());
        wrong.map(|input| (input.name.clone(), input.error.clone())).chain(code).collect()
    }
}
