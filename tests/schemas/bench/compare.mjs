// Reads {"schemas": [...], "unions": [ID, ...]} from the file named first; validates each line of the file named second by ajv
// against the unions, and prints how many are valid and the processor's seconds that took, reading included.
import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import Ajv2020 from "ajv/dist/2020.js";

const { schemas, unions } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const ajv = new Ajv2020({ schemas, strict: false });
const validators = unions.map((id) => ajv.getSchema(id));
const began = process.cpuUsage();
let valid = 0;
for await (const line of createInterface({ input: createReadStream(process.argv[3]) })) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    continue;
  }
  if (validators.some((validate) => validate(message))) valid += 1;
}
const { user, system } = process.cpuUsage(began);
console.log(JSON.stringify({ valid, seconds: (user + system) / 1e6 }));
