// An order with points through the types of openapi-typescript, with openapi-fetch.
import createClient from "openapi-fetch";
import { createInterface } from "node:readline/promises";
import type { paths } from "./types";

const env = (name: string): string => process.env[name] ?? "";
const email = env("EMAIL");
const client = createClient<paths>({ baseUrl: env("BASE") });
const headers = { Authorization: `Basic ${btoa(`${env("KEY")}:${env("SECRET")}`)}` };

function sure<T>(answer: { data?: T; error?: unknown }): T {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

async function main(): Promise<void> {
  const shop = "/api/v1/storefront";
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "maziwa-na-chai-7" };
  sure(await client.POST(`${shop}/auth/register`, { body: account }));
  const items = [{ product_id: 1, quantity: 2 }];
  const preview = sure(await client.POST(`${shop}/loyalty/preview`, { body: { email, items } }));
  const points: number = preview.data.max_redeemable_points;
  sure(await client.POST(`${shop}/loyalty/redemption/send-otp`, { body: { email } }));
  console.log("code?");
  const code = await createInterface({ input: process.stdin }).question("");
  const verified = sure(await client.POST(`${shop}/loyalty/redemption/verify-otp`, { body: { email, code } }));
  const token: string = verified.data.redemption_token;
  const order = sure(
    await client.POST(`${shop}/checkout/create-order`, {
      body: { customer: { email }, items, payment_method: "cod", loyalty_redemption: { token, points } },
    }),
  );
  const path = { order_id: order.data.order.id };
  const paid = sure(
    await client.PATCH("/api/v1/orders/{order_id}/payment-status", {
      headers, params: { path }, body: { payment_status: "paid" },
    }),
  );
  const customer_id = paid.data.order.customer_id;
  if (customer_id === null) throw new Error("the order has no customer");
  const loyalty = sure(
    await client.GET("/api/v1/customers/{customer_id}/loyalty", { headers, params: { path: { customer_id } } }),
  );
  console.log(`${order.data.order.order_number}: ${points} points used; ${loyalty.data.ledger[0].note}`);
  process.exit(0);
}

main();
