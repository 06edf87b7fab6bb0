// SPDX-License-Identifier: Apache-2.0
// Where scripts do not run the page offers nothing that would not work, and hides nothing.
() => [
  ...[...document.querySelectorAll('button, input, select, output, [aria-sort]')].map(e => `without scripts: does nothing: ${pathOf(e)}`),
  ...[...document.querySelectorAll('[hidden], .tip')].map(e => `without scripts: is not to be seen: ${pathOf(e)}`),
]
