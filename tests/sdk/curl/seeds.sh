#!/usr/bin/env bash
# Every curl call of the documents, as they print it: only the address and the key are changed. The objects that the
# documents name are loaded beforehand. PINSTRIPE_URL names the server. Ends with `N passed, N failed`.
set -euo pipefail

: "${PINSTRIPE_URL:?names no server: PINSTRIPE_URL=http://127.0.0.1:12111 $0}"
API="${PINSTRIPE_URL%/}"
SANDBOX=curl-seeds
KEY="sk_test_sandbox_${SANDBOX}"
DOCUMENTS="$(cd "$(dirname "${BASH_SOURCE[0]}")/../documents" && pwd)"
passed=0 failed=0
WORK="$(mktemp -d)"
finish() {
  code=$?
  rm -rf "$WORK"
  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then
    echo "stopped with status $code after check $passed" >&2
    failed=1
  fi
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ] || exit 1
}
trap finish EXIT

# start DOCUMENT: the sandbox as the document finds it.
start() {
  curl -sS --fail-with-body -o "$WORK/answer" -X POST "$API/_pinstripe/reset?sandbox=$SANDBOX"
  curl -sS --fail-with-body -o "$WORK/answer" -X POST "$API/_pinstripe/fixtures?sandbox=$SANDBOX" \
    -H "Content-Type: application/json" --data-binary "@$DOCUMENTS/$1.json"
}

# call STATUS CURL-ARGUMENTS...: makes the call, keeps the answer, and checks its status.
call() {
  local expected="$1"
  shift
  local status
  status="$(curl -sS -o "$WORK/answer" -w '%{http_code}' "$@")"
  if [ "$status" = "$expected" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: status $status instead of $expected: curl $*" >&2
    sed 's/^/    /' "$WORK/answer" >&2
  fi
}

# check EXPRESSION: a Python expression over `a`, the last answer.
check() {
  if python3 - "$WORK/answer" "$1" <<'PYTHON'
import json, sys

with open(sys.argv[1]) as file:
    a = json.load(file)
if not eval(sys.argv[2], {"a": a}):
    print("    " + json.dumps(a)[:1500], file=sys.stderr)
    sys.exit(1)
PYTHON
  then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $1" >&2
  fi
}

echo "# Attach a PaymentMethod to a Customer (clover)"
start reusable
PAYMENT_METHOD_ID=pm_1MqM05LkdIwHu7ixlDxxO6Mc
CUSTOMER_ID=cus_NbZ8Ki3f322LNn
call 200 "$API/v1/payment_methods/$PAYMENT_METHOD_ID/attach" \
  -u "$KEY" \
  -H "Stripe-Version: 2025-10-29.clover" \
  -d customer="$CUSTOMER_ID"
check 'a["id"] == "pm_1MqM05LkdIwHu7ixlDxxO6Mc" and a["object"] == "payment_method" and a["type"] == "card"'
check 'a["customer"] == "cus_NbZ8Ki3f322LNn" and a["livemode"] is False and a["metadata"] == {} and a["created"] == 1679946402'
check 'a["card"]["checks"] == {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}'
check '(a["card"]["brand"], a["card"]["last4"], a["card"]["exp_month"], a["card"]["exp_year"]) == ("visa", "4242", 8, 2026)'
check 'a["card"]["fingerprint"] == "mToisGZ01V71BCos" and a["card"]["networks"] == {"available": ["visa"], "preferred": None}'
check 'set(a["billing_details"]["address"].values()) == {None}'

echo "# Attach and detach (2025)"
start reusable
call 200 "$API/v1/payment_methods/pm_1MqM05LkdIwHu7ixlDxxO6Mc/attach" \
  -u "$KEY:" \
  -d customer=cus_NbZ8Ki3f322LNn
check 'a["customer"] == "cus_NbZ8Ki3f322LNn"'
call 200 -X POST "$API/v1/payment_methods/pm_1MqLiJLkdIwHu7ixUEgbFdYF/detach" \
  -u "$KEY:"
check 'a["id"] == "pm_1MqLiJLkdIwHu7ixUEgbFdYF" and a["customer"] is None'
check 'a["card"]["checks"]["cvc_check"] == "unchecked" and a["created"] == 1679945299'
# It can no longer be used for a payment or re-attached to a customer.
call 400 "$API/v1/payment_methods/pm_1MqLiJLkdIwHu7ixUEgbFdYF/attach" -u "$KEY:" -d customer=cus_NbZ8Ki3f322LNn
check 'a["error"]["type"] == "invalid_request_error" and a["error"]["code"] == "payment_method_used_without_customer"'
call 400 "$API/v1/payment_intents" -u "$KEY:" -d amount=1000 -d currency=usd -d payment_method=pm_1MqLiJLkdIwHu7ixUEgbFdYF \
  -d confirm=true -d return_url=https://example.com
check 'a["error"]["code"] == "payment_method_used_without_customer" and "previously used" in a["error"]["message"]'
call 400 -X POST "$API/v1/payment_methods/pm_1MqLiJLkdIwHu7ixUEgbFdYF/detach" -u "$KEY:"
check 'a["error"]["message"] == "The payment method you provided is not attached to a customer so detachment is impossible."'

echo "# PaymentMethods"
start reusable
call 200 "$API/v1/payment_methods/pm_1Q0PsIJvEtkwdCNYMSaVuRz6" \
  -u "$KEY:"
check 'a["type"] == "us_bank_account" and a["allow_redisplay"] == "unspecified" and a["billing_details"]["name"] == "John Doe"'
check 'a["us_bank_account"] == {"account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK", "financial_connections_account": None, "fingerprint": "LstWJFsCK7P349Bg", "last4": "6789", "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": "110000000", "status_details": {}}'
call 200 -G "$API/v1/customers/cus_9s6XKzkNRiz8i3/payment_methods" \
  -u "$KEY:" \
  -d limit=3
check 'list(a) == ["object", "data", "has_more", "url"] and a["object"] == "list" and a["has_more"] is False'
check 'a["url"] == "/v1/customers/cus_9s6XKzkNRiz8i3/payment_methods"'
check '[m["id"] for m in a["data"]] == ["pm_1NVChw2eZvKYlo2CHxiM5E2E", "pm_1NO6mA2eZvKYlo2CEydeHsKT", "pm_1NAoxV2eZvKYlo2C7pQxq0Wd"]'
check 'all(m["customer"] == "cus_9s6XKzkNRiz8i3" and m["type"] == "card" for m in a["data"])'
call 200 -G "$API/v1/payment_methods" \
  -u "$KEY:" \
  -d type=card \
  -d limit=3 \
  -d customer=cus_9s6XKzkNRiz8i3
check 'a["object"] == "list" and a["url"] == "/v1/payment_methods" and a["has_more"] is False and len(a["data"]) == 3'
call 200 "$API/v1/payment_methods/pm_1MqM05LkdIwHu7ixlDxxO6Mc/attach" \
  -u "$KEY:" \
  -d customer=cus_NbZ8Ki3f322LNn
call 200 -X POST "$API/v1/payment_methods/pm_1MqLiJLkdIwHu7ixUEgbFdYF/detach" \
  -u "$KEY:"
check 'a["customer"] is None'

echo "# Sources and Customers"
start reusable
# Attaching a Source to a new Customer
call 200 "$API/v1/customers" \
  -u "$KEY:" \
  -d email="paying.user@example.com" \
  -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["object"] == "customer" and a["email"] == "paying.user@example.com" and a["default_source"] == "src_18eYalAHEMiOZZp1l9ZTjSU0"'
start reusable
# Attaching a Source to an existing Customer
call 200 "$API/v1/customers/cus_AFGbOSiITuJVDs/sources" \
  -u "$KEY:" \
  -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["object"] == "source" and a["customer"] == "cus_AFGbOSiITuJVDs" and a["status"] == "chargeable"'
call 200 "$API/v1/customers/cus_AFGbOSiITuJVDs" -u "$KEY:"
check 'a["default_source"] == "card_18eYZzAHEMiOZZp1kQw2Tf0a"'
# Updating the Customer's default source
call 200 "$API/v1/customers/cus_AFGbOSiITuJVDs" \
  -u "$KEY:" \
  -d default_source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["default_source"] == "src_18eYalAHEMiOZZp1l9ZTjSU0"'
# Charging a Source attached to a Customer
call 200 "$API/v1/charges" \
  -u "$KEY:" \
  -d amount=1099 \
  -d currency=eur \
  -d customer=cus_AFGbOSiITuJVDs \
  -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["object"] == "charge" and a["status"] == "succeeded" and a["amount"] == 1099 and a["currency"] == "eur"'
check 'a["customer"] == "cus_AFGbOSiITuJVDs" and a["source"]["id"] == "src_18eYalAHEMiOZZp1l9ZTjSU0"'
call 200 "$API/v1/sources/src_18eYalAHEMiOZZp1l9ZTjSU0" -u "$KEY:"
check 'a["status"] == "chargeable"'
# Without the Customer: an error that asks for it. Without the Source: the default.
call 400 "$API/v1/charges" -u "$KEY:" -d amount=1099 -d currency=eur -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["error"]["type"] == "invalid_request_error" and "customer" in a["error"]["message"]'
call 200 "$API/v1/charges" -u "$KEY:" -d amount=1099 -d currency=eur -d customer=cus_AFGbOSiITuJVDs
check 'a["source"]["id"] == "src_18eYalAHEMiOZZp1l9ZTjSU0"'
start reusable
# Charging a reusable Source directly consumes it.
call 200 "$API/v1/charges" -u "$KEY:" -d amount=1099 -d currency=eur -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
call 400 "$API/v1/charges" -u "$KEY:" -d amount=1099 -d currency=eur -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["error"]["message"].startswith("The reusable source you provided is consumed because it was previously charged")'
start single_use
# Attributing single-use Sources payments to Customers
call 200 "$API/v1/charges" \
  -u "$KEY:" \
  -d amount=1099 \
  -d currency=eur \
  -d customer=cus_AFGbOSiITuJVDs \
  -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["customer"] == "cus_AFGbOSiITuJVDs" and a["source"]["id"] == "src_18eYalAHEMiOZZp1l9ZTjSU0" and a["paid"] is True'
call 200 "$API/v1/sources/src_18eYalAHEMiOZZp1l9ZTjSU0" -u "$KEY:"
check 'a["status"] == "consumed" and "customer" not in a'
call 400 "$API/v1/charges" -u "$KEY:" -d amount=1099 -d currency=eur -d customer=cus_AFGbOSiITuJVDs -d source=src_18eYalAHEMiOZZp1l9ZTjSU0
check 'a["error"]["message"] == "The source you provided is not in a chargeable state."'

echo "# The documents' own keys work too, in the default sandbox"
for key in sk_test_BQokikJOvBiI2HlWgH4olfQ2 sk_test_4eC39HqLyjWDarjtT1zdp7dc sk_test_Gx4mWEgHtCMr4DYMUIqfIrsz; do
  call 200 -G "$API/v1/customers" -u "$key:" -d limit=1
done
