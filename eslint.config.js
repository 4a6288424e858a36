import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// A folder is a stage; a stage imports only from the stages before it.
const stages = [
  'errors',
  'fork',
  'runtime',
  'engine',
  'patch',
  'replay',
  'ledger',
  'metrics',
  'diff',
  'checks',
  'report',
  'scenario',
  'rehearsal',
  'sweep',
  'cli',
]
const stageRules = stages.map((stage, index) => ({
  files: [`harness/${stage}/**/*.ts`],
  ignores: ['**/*.test.ts'],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: stages.slice(index + 1).map((later) => ({
          group: [`**/${later}/*`],
          message: `${stage} comes before ${later}: imports point only to earlier stages.`,
        })),
      },
    ],
  },
}))

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '**/target/', 'coverage/'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Use named exports.' }],
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
      },
    },
  },
  ...stageRules,
)
