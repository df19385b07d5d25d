import { testStorms } from './storm-seeds.js'

testStorms(51, 50)
