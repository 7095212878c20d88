// Reads {"schemas": [...], "cases": [{"schema": ID, "text": JSON text}]} from standard input and writes, for each case, the
// JSON Pointers of what ajv refuses; an empty list where it is valid.
import { readFileSync } from "node:fs";
import Ajv2020 from "ajv/dist/2020.js";

const { schemas, cases } = JSON.parse(readFileSync(0, "utf8"));
// Its strict mode warns of what is only unusual, such as `required` beside `properties` of another subschema.
const ajv = new Ajv2020({ schemas, allErrors: true, strict: false });
const refused = cases.map(({ schema, text }) => {
  const validate = ajv.getSchema(schema);
  return validate(JSON.parse(text)) ? [] : validate.errors.map((error) => error.instancePath);
});
process.stdout.write(JSON.stringify(refused));
