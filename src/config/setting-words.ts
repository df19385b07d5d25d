/** What zod does not know of a setting. */
export interface SettingWords {
  /** What a flag calls its value. */
  value?: string
  /** SIGHUP and `config reload` put a new value in force. Absent: a restart does. */
  reloads?: true
  /** Of a file: a flag or a variable names it from the working folder, config.json from the home. */
  file?: true
}

/** For `.meta()`, which stands last: zod forgets it with every further step. */
export function what(description: string, words: SettingWords = {}): Record<string, unknown> {
  return { description, ...words }
}
