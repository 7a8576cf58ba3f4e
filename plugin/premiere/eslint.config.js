// SPDX-FileCopyrightText: Needledrop contributors
// SPDX-License-Identifier: GPL-3.0-or-later

/** Run: npx eslint@9 -c plugin/premiere/eslint.config.js plugin/premiere tests/plugin/premiere */
"use strict";

const READ_ONLY = "readonly";
const COMMON = { require: READ_ONLY, module: "writable", setTimeout: READ_ONLY };
const UXP = { document: READ_ONLY, localStorage: READ_ONLY, navigator: READ_ONLY, WebSocket: READ_ONLY };
const NODE = { __dirname: READ_ONLY, process: READ_ONLY, setImmediate: READ_ONLY };

const RULES = [
  "array-callback-return",
  "consistent-return",
  "constructor-super",
  "default-case-last",
  "eqeqeq",
  "for-direction",
  "getter-return",
  "no-async-promise-executor",
  "no-class-assign",
  "no-compare-neg-zero",
  "no-cond-assign",
  "no-const-assign",
  "no-constant-binary-expression",
  "no-debugger",
  "no-dupe-args",
  "no-dupe-class-members",
  "no-dupe-else-if",
  "no-dupe-keys",
  "no-duplicate-case",
  "no-empty",
  "no-eval",
  "no-ex-assign",
  "no-fallthrough",
  "no-func-assign",
  "no-implied-eval",
  "no-import-assign",
  "no-inner-declarations",
  "no-loss-of-precision",
  "no-misleading-character-class",
  "no-new-func",
  "no-promise-executor-return",
  "no-prototype-builtins",
  "no-redeclare",
  "no-regex-spaces",
  "no-self-assign",
  "no-self-compare",
  "no-setter-return",
  "no-shadow",
  "no-sparse-arrays",
  "no-this-before-super",
  "no-throw-literal",
  "no-undef",
  "no-unreachable",
  "no-unsafe-finally",
  "no-unsafe-negation",
  "no-unused-expressions",
  "no-unused-private-class-members",
  "no-unused-vars",
  "no-use-before-define",
  "no-useless-catch",
  "no-useless-escape",
  "no-var",
  "prefer-const",
  "strict",
  "use-isnan",
  "valid-typeof",
];

const rules = Object.fromEntries(RULES.map((name) => [name, "error"]));
rules["no-use-before-define"] = ["error", { functions: false, classes: false, variables: false }];
rules["no-promise-executor-return"] = ["error", { allowVoid: true }];
rules["no-shadow"] = ["error", { builtinGlobals: false }];
rules.complexity = ["error", 12];
rules["max-len"] = ["error", { code: 120 }];

module.exports = [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  { files: ["**/*.js"], languageOptions: { ecmaVersion: 2022, sourceType: "commonjs", globals: COMMON }, rules },
  { files: ["**/plugin/premiere/index.js", "index.js"], languageOptions: { globals: UXP } },
  { files: ["**/tests/**/*.js"], languageOptions: { globals: NODE }, rules: { "no-return-assign": "off" } },
];
