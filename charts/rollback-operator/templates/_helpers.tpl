{{- define "rollback-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "rollback-operator.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "rollback-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "rollback-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "rollback-operator.labels" -}}
{{ include "rollback-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "rollback-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "rollback-operator.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "rollback-operator.image" -}}
{{- with .Values.image -}}
{{- with .registry }}{{ . }}/{{ end -}}
{{- .repository -}}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ default $.Chart.AppVersion .tag }}{{ end -}}
{{- end -}}
{{- end -}}

{{- /* The content of the operator's configuration file; empty when every value is the operator's own default. */ -}}
{{- define "rollback-operator.configuration" -}}
{{- with .Values.sources }}
sources:
{{ toYaml . }}
{{- end }}
{{- with .Values.egress.allow }}
egress:
  allow:
{{ toYaml . | indent 2 }}
{{- end }}
{{- with .Values.sharedCause }}
sharedCause:
{{ toYaml . | indent 2 }}
{{- end }}
{{- end -}}

{{- /* What the operator may do where it acts; the same for a ClusterRole and for a Role. */ -}}
{{- define "rollback-operator.rules" -}}
- apiGroups: [rollback-operator.io]
  resources: [rollbackpolicies]
  verbs: [get, list, watch]
- apiGroups: [rollback-operator.io]
  resources: [rollbackevents]
  verbs: [get, list, watch, create]
- apiGroups: [rollback-operator.io]
  resources: [rollbackpolicies/status, rollbackevents/status]
  verbs: [get, update, patch]
- apiGroups: [apps]
  resources: [deployments, replicasets]
  verbs: [get, list, watch, patch]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [configmaps, secrets]
  verbs: [get]
- apiGroups: [""]
  resources: [services]
  verbs: [get]
- apiGroups: [discovery.k8s.io]
  resources: [endpointslices]
  verbs: [list]
- apiGroups: [metrics.k8s.io]
  resources: [pods]
  verbs: [list]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [batch]
  resources: [jobs]
  verbs: [get, create]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- end -}}

{{- /* Takes the CEL rules out of a schema, in place; renders nothing. */ -}}
{{- define "rollback-operator.withoutRules" -}}
{{- if kindIs "map" . -}}
{{- $_ := unset . "x-kubernetes-validations" -}}
{{- range $_, $value := . -}}{{- include "rollback-operator.withoutRules" $value -}}{{- end -}}
{{- else if kindIs "slice" . -}}
{{- range . -}}{{- include "rollback-operator.withoutRules" . -}}{{- end -}}
{{- end -}}
{{- end -}}
