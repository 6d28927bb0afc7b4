export { policyWordsEn as policyEn, policyWordsZh as policyZh } from '@fengcun/contracts';
