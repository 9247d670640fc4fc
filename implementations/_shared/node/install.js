// Makes the folder that an entry on Node runs from: node install.js ENTRY FOLDER
//
// In it lie the packages, exactly those of the entry's package-lock.json by their hashes, and
// beside them the entry and what entries share: Node looks for packages in the folders above a
// file. Packages that are installed already are left alone.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const PACKAGE_FILES = ["package.json", "package-lock.json"];

const [entry, folder] = process.argv.slice(2).map((argument) => resolve(argument));
if (folder === undefined) {
  console.error("usage: node install.js ENTRY FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
installPackages();
const shared = dirname(fileURLToPath(import.meta.url));
lay(entry, join(folder, basename(entry)));
lay(shared, join(folder, "_shared", basename(shared)));

function installPackages() {
  const hash = createHash("sha256").update(process.version);
  for (const name of PACKAGE_FILES) hash.update(readFileSync(join(entry, name)));
  const wanted = hash.digest("hex");
  const stamp = join(folder, "installed");
  if (textOf(stamp) === wanted) return;
  rmSync(stamp, { force: true });
  for (const name of PACKAGE_FILES) copyFileSync(join(entry, name), join(folder, name));
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  const options = ["--omit=dev", "--ignore-scripts", ...quiet];
  const at = { cwd: folder, stdio: ["ignore", "ignore", "inherit"] };
  execFileSync("npm", ["ci", ...options], at);
  // The install scripts of packages that the entry names, and of no others.
  const { trustedDependencies = [] } = JSON.parse(readFileSync(join(entry, "package.json"), "utf8"));
  if (trustedDependencies.length > 0) {
    execFileSync("npm", ["rebuild", "--loglevel=error", ...trustedDependencies], at);
  }
  writeFileSync(stamp, wanted);
}

function textOf(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Copies what has changed of sources, each in one step: a server may be running from there. */
function lay(from, to) {
  mkdirSync(to, { recursive: true });
  const isSource = (name) => /(?<!\.test)\.[jt]s$/.test(name) || name === "package.json";
  for (const name of readdirSync(from).filter(isSource)) {
    const content = readFileSync(join(from, name));
    const path = join(to, name);
    if (textOf(path) === content.toString()) continue;
    writeFileSync(`${path}.${process.pid}`, content);
    renameSync(`${path}.${process.pid}`, path);
  }
}
