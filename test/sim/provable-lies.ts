/** Answers that prove themselves to be lies, by the array that is handed over. */
const provable = new WeakSet<object>()

export function isProvableLie(answer: object): boolean {
  return provable.has(answer)
}

export function lied<T extends object>(answer: T): T {
  provable.add(answer)
  return answer
}
