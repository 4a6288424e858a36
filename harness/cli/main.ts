#!/usr/bin/env node
import { hideBin } from 'yargs/helpers'
import { runCommandLine } from './commandLine.js'

await runCommandLine(hideBin(process.argv))
