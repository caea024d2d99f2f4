//! The page of a Checkout Session as a value, for its template (stripe-js 1.1).
//!
//! May use: askama, the styles and scripts. Invariant: nothing is computed on the page; every value is escaped.

use askama::Template;

use super::methods::MethodChoice;

/// The page of an open session.
#[derive(Debug, Template)]
#[template(path = "checkout.html")]
pub(super) struct CheckoutPage {
    /// Who sells.
    pub(super) business: String,
    /// What the page is about: the one thing that is bought, or from whom.
    pub(super) heading: String,
    /// The amount to pay as text; empty for none.
    pub(super) total: String,
    /// What is bought.
    pub(super) lines: Vec<SummaryLine>,
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
    /// The ways of sending, the chosen one first.
    pub(super) shipping_rates: Vec<InputOption>,
    /// What can pay.
    pub(super) methods: Vec<MethodChoice>,
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
    pub(super) texts: [String; 2],
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

/// One thing that is bought.
#[derive(Debug)]
pub(super) struct SummaryLine {
    pub(super) name: String,
    pub(super) quantity: i64,
    /// Its amount as text.
    pub(super) amount: String,
    /// Where the customer changes the quantity.
    pub(super) input: Option<PageInput>,
}

/// A value and its label.
#[derive(Debug)]
pub(super) struct InputOption {
    pub(super) value: String,
    pub(super) label: String,
}

/// An input with its label and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct PageInput {
    /// Its name and id.
    pub(super) name: String,
    pub(super) label: String,
    /// `text`, `email`, `tel`, `number`, `checkbox` or `select`.
    pub(super) kind: &'static str,
    pub(super) value: String,
    pub(super) placeholder: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) inputmode: &'static str,
    /// What is wrong with it; empty for nothing.
    pub(super) error: String,
    pub(super) is_required: bool,
    /// Whether it is not shown for now.
    pub(super) is_hidden: bool,
    pub(super) is_ticked: bool,
    /// The least and the largest number; empty for no bound.
    pub(super) least: String,
    pub(super) most: String,
    /// The largest number of characters; empty for no bound.
    pub(super) longest: String,
    /// What a `select` lets choose.
    pub(super) options: Vec<InputOption>,
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
        let billing = if self.same_address && self.uses_same_address { &mut [][..] } else { &mut self.billing[..] };
        let chosen = self.methods.iter_mut().filter(|method| method.is_chosen).flat_map(|method| &mut method.inputs);
        let first = self.amount.iter_mut().chain(&mut self.contact).chain(&mut self.shipping);
        first.chain(chosen).chain(billing).chain(&mut self.more).chain(&mut self.boxes)
    }

    /// Says at each input that is missing that it is; whether there is any.
    pub(super) fn mark_missing(&mut self) -> bool {
        let mut is_incomplete = false;
        for input in self.inputs().filter(|input| input.is_missing()) {
            "Required".clone_into(&mut input.error);
            is_incomplete = true;
        }
        is_incomplete
    }

    /// What is wrong, by the names of the inputs.
    pub(super) fn errors(&mut self) -> Vec<(String, String)> {
        let wrong = self.inputs().filter(|input| !input.error.is_empty());
        wrong.map(|input| (input.name.clone(), input.error.clone())).collect()
    }
}
