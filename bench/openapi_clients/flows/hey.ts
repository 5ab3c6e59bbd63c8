// An order with points through the client of @hey-api/openapi-ts.
import { createInterface } from "node:readline/promises";
import { client } from "./hey/client.gen";
import * as tuza from "./hey/sdk.gen";

const env = (name: string): string => process.env[name] ?? "";
const email = env("EMAIL");
const auth = () => `${env("KEY")}:${env("SECRET")}`;
client.setConfig({ baseUrl: env("BASE"), throwOnError: true });

async function main(): Promise<void> {
  const account = { email: `${crypto.randomUUID()}@example.com`, password: "maziwa-na-chai-7" };
  await tuza.storefrontRegister<true>({ body: account });
  const items = [{ product_id: 1, quantity: 2 }];
  const preview = await tuza.storefrontLoyaltyPreview<true>({ body: { email, items } });
  const points: number = preview.data.data.max_redeemable_points;
  await tuza.storefrontCodeSend<true>({ body: { email } });
  console.log("code?");
  const code = await createInterface({ input: process.stdin }).question("");
  const verified = await tuza.storefrontCodeVerify<true>({ body: { email, code } });
  const token: string = verified.data.data.redemption_token;
  const order = await tuza.storefrontOrderCreate<true>({
    body: { customer: { email }, items, payment_method: "cod", loyalty_redemption: { token, points } },
  });
  const path = { order_id: order.data.data.order.id };
  const paid = await tuza.orderPaymentStatusSet<true>({ auth, path, body: { payment_status: "paid" } });
  const customer_id = paid.data.data.order.customer_id;
  if (customer_id === null) throw new Error("the order has no customer");
  const loyalty = await tuza.customerLoyaltyShow<true>({ auth, path: { customer_id } });
  console.log(`${order.data.data.order.order_number}: ${points} points used; ${loyalty.data.data.ledger[0].note}`);
  process.exit(0);
}

main();
