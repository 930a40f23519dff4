// Records what the JavaScript reference implementation gives for each expression of table.json.
// Use: npm install jsonata@2.0.6 && node record.mjs table.json
// Step Functions implements JSONata 2.0.6 (developer guide, "Transforming data with JSONata").
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const file = process.argv[2];
const jsonata = createRequire(process.cwd() + "/")("jsonata");
const rows = [];
for (const row of JSON.parse(readFileSync(file, "utf8"))) {
  const { feature, expression, variables } = row;
  let outcome;
  try {
    const value = await jsonata(expression).evaluate(undefined, structuredClone(variables));
    outcome = value === undefined ? { undefined: true } : { value };
  } catch (error) {
    outcome = { error: error.code ?? "unknown" };
  }
  rows.push({ feature, expression, variables, ...outcome });
}
writeFileSync(file, "[\n" + rows.map((row) => JSON.stringify(row)).join(",\n") + "\n]\n");
