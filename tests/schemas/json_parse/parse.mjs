// Reads a list of frames in base64 from standard input and writes for each whether it is JSON as SPEC.md, section 2,
// asks: the language's own UTF-8 decoder and JSON parser, and two rules that they do not know.
import { readFileSync } from "node:fs";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const parsed = (text) => {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
};

const isStrict = (text) => {
  const found = parsed(text);
  if (!found) return false;
  let members = 0;
  const strings = [];
  const pending = [found.value];
  while (pending.length) {
    const value = pending.pop();
    if (typeof value === "string") strings.push(value);
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) {
      members += Object.keys(value).length;
      strings.push(...Object.keys(value));
    }
    for (const inner of Object.values(value)) pending.push(inner);
  }
  // Each member has one colon outside strings: of a member that stands twice, only one is left in the value.
  const colons = text.replace(/"(?:[^"\\]|\\.)*"/g, "").split(":").length - 1;
  return members === colons && !strings.some((string) => /\p{Surrogate}/u.test(string));
};

const isJson = (frame) => {
  try {
    return isStrict(decoder.decode(Buffer.from(frame, "base64")));
  } catch (error) {
    if (error instanceof TypeError) return false; // what the decoder throws
    throw error;
  }
};
process.stdout.write(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(isJson)));
