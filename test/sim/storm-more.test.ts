import { testStorms } from './storm-seeds.js'

testStorms(25, 24)
