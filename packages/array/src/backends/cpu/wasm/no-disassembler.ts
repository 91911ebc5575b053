/** In place of the disassembler in a page, whose developer tools have one: they show the text of every module. */
export function disassemble(code: ArrayLike<number>): string[] {
  return [`;; ${code.length} bytes: see them in the browser's developer tools, or print the kernel in Node`];
}
