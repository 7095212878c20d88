// Reads an AsyncAPI document from standard input with AsyncAPI's own parser and writes what it found wrong, and what it
// understood: each operation with its action, the names of its messages and those of its reply.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const names = (messages) => messages.map((message) => message.id());
const operations = (document?.operations().all() ?? []).map((operation) => [
  operation.id(),
  operation.action(),
  names(operation.messages().all()),
  names(operation.reply()?.messages().all() ?? []),
]);
const problems = diagnostics.map(({ code, message, path }) => ({ code, message, path }));
process.stdout.write(JSON.stringify({ problems, operations }));
