/** The shapes that several methods take or give. */
export * from './shapes/entry.js'
export * from './shapes/network.js'
export * from './shapes/primitives.js'
export * from './shapes/remote.js'
export * from './shapes/sync.js'
