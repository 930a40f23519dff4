// Records what the JavaScript reference implementation gives for each expression of functions.json; all see the same variables.
// Use: npm install jsonata@2.0.6 && node record-functions.mjs functions.json
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const file = process.argv[2];
const jsonata = createRequire(process.cwd() + "/")("jsonata");
const { variables, rows } = JSON.parse(readFileSync(file, "utf8"));
const recorded = [];
for (const { expression } of rows) {
  let outcome;
  try {
    const value = await jsonata(expression).evaluate(undefined, structuredClone(variables));
    const nothing = value === undefined || typeof value === "function" || value?._jsonata_lambda;
    const finite = (_, item) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item);
    outcome = nothing ? { undefined: true } : { value: JSON.parse(JSON.stringify(value, finite)) };
  } catch (error) {
    outcome = { error: error.code ?? "unknown" };
  }
  recorded.push(JSON.stringify({ expression, ...outcome }));
}
writeFileSync(file, `{"variables":${JSON.stringify(variables)},"rows":[\n${recorded.join(",\n")}\n]}\n`);
