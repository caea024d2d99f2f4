// A shop with the address of the API as every SDK has it, and no other.
const answer = await fetch('https://api.stripe.com/v1/customers', {
  method: 'POST',
  headers: { Authorization: `Bearer ${process.env.STRIPE_SECRET_KEY}` },
  body: new URLSearchParams({ email: 'ada@example.com' }),
});
const customer = await answer.json();
if (!answer.ok) throw new Error(customer.error.message);
console.log(`created ${customer.id} for ${customer.email}`);
