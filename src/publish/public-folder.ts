/**
 * What publishing needs of a folder. Paths are relative, with slashes. Everything throws what the system says, or BAD_FILE
 * for something at a path that publishing did not put there.
 */
export interface PublicFolder {
  /** null: there is no such file. */
  read: (path: string) => Promise<Uint8Array | null>
  /**
   * A file that is never changed again, its content on the disk when this returns. The same content there already is fine.
   * Throws BAD_FILE for another one.
   */
  create: (path: string, content: Uint8Array) => Promise<void>
  /** A file that changes: the old one or the new one, at any moment. On the disk when this returns. */
  replace: (path: string, content: Uint8Array) => Promise<void>
  /** A file, or a folder with all that is in it, if there is one. */
  remove: (path: string) => Promise<void>
  /** Names in a folder; none when there is no folder. */
  list: (path: string) => Promise<string[]>
  /** The names of all that was created or removed are on the disk. */
  sync: () => Promise<void>
}
