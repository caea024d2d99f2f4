"""A shop's script with the SDK that is installed: it knows no server but Stripe's."""

import asyncio
import os

import stripe

key = stripe.api_key = os.environ["STRIPE_API_KEY"]
customer = stripe.Customer.create(email="ada@example.com")
print("requests", stripe.Customer.retrieve(customer.id).email)


def customers(http_client):
    client = stripe.StripeClient(key, http_client=http_client)
    return getattr(client, "v1", client).customers


async def main(loop):
    print("httpx,", loop, (await customers(stripe.HTTPXClient()).retrieve_async(customer.id)).email)
    aiohttp = stripe.AIOHTTPClient()
    print("aiohttp,", loop, (await customers(aiohttp).retrieve_async(customer.id)).email)
    await aiohttp.close_async()


if hasattr(stripe, "StripeClient"):
    import uvloop

    print("httpx", customers(stripe.HTTPXClient(allow_sync_methods=True)).retrieve(customer.id).email)
    asyncio.run(main("asyncio"))
    uvloop.run(main("uvloop"))
