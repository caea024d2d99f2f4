// @ts-check
// A whole form in one frame: an e-mail address, the payment methods, and a button to pay.

/** What of a state a section of the form tells. @param {Field[]} fields */
const statusOf = (fields) => ({ complete: !firstProblem(fields), empty: areEmpty(fields) });

/** @param {Setup} setup @param {Bag} [memory] @returns {Part} */
function checkoutFormElement(setup, memory) {
  const { options } = setup;
  const email = makeField({ ...DETAILS.email, id: "Field-emailInput", value: options.defaultValues?.email ?? "" });
  const payment = paymentElement(
    { ...setup, options: { layout: "accordion", ...options, fields: { billingDetails: { email: "never" }, ...options.fields } } },
    memory,
  );
  const button = payButton(setup, () => ({ source: "checkout-form-pay-button", paymentMethodType: payment.state().value.type }));
  const node = make("div", { class: "p-CheckoutForm" }, make("div", { class: "p-Grid" }, email.node), payment.node, button.node);
  const fields = () => [email, ...payment.fields()];
  return {
    ...payment,
    node,
    fields,
    state: () => {
      const { value, collapsed, ...rest } = payment.state();
      return {
        ...(rest.complete === false ? { complete: false } : {}),
        value: { customerDetails: { email: email.read().trim() }, payment: { collapsed, ...value } },
        status: { customerDetails: statusOf([email]), payment: { ...statusOf(payment.fields()), ...rest } },
      };
    },
    answer: () => {
      const { data, ...answer } = payment.answer?.() ?? {};
      const wrong = email.problem();
      const billing_details = { ...data?.billing_details, email: email.read().trim() };
      return {
        ...answer,
        data: data && !wrong ? { ...data, billing_details } : undefined,
        ...(wrong ? { error: wrong, complete: false } : {}),
      };
    },
  };
}
